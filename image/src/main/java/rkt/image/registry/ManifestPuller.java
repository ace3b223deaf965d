package rkt.image.registry;

final class ManifestPuller {}
