package dev.coatcheck;

record ValueType<T>(Class<?> c) {}
