package dev.coatcheck.servlet;

import jakarta.servlet.annotation.WebListener;

/** The same, found by its annotation. */
@WebListener
public class AnnotatedListener extends PackedListener {}
