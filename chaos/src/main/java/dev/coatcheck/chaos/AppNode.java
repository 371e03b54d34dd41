package dev.coatcheck.chaos;

import dev.coatcheck.SessionManager;

/** A process of the application. */
record AppNode(int number, SessionManager sessions) {}
