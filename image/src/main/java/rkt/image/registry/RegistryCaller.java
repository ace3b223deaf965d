package rkt.image.registry;

final class RegistryCaller {}
