package rkt.image.registry;

final class BlobPuller {}
