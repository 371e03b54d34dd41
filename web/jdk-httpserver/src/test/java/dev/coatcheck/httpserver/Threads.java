package dev.coatcheck.httpserver;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The threads that handlers run on. */
enum Threads {
    PLATFORM,
    VIRTUAL;

    /** Virtual ones only where this JDK has them. */
    static List<Threads> all() {
        return Runtime.version().feature() < 21 ? List.of(PLATFORM) : List.of(PLATFORM, VIRTUAL);
    }

    ExecutorService start() throws ReflectiveOperationException {
        return this == PLATFORM
                ? Executors.newCachedThreadPool()
                : (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null);
    }
}
