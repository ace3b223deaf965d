package rkt.os;

/** How much text a terminal shows at once. */
public record WindowSize(int rows, int columns) {}
