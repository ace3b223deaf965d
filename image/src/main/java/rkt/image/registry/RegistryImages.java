package rkt.image.registry;

final class RegistryImages {}
