package dev.coatcheck.frameworks.faces;

/** What is chosen from a menu. */
public enum Size {
    SMALL,
    LARGE
}
