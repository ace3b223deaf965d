package rkt.image.discovery;

import java.net.URI;

/** Where an image and its signature can be had. */
public record Endpoint(URI image, URI signature) {}
