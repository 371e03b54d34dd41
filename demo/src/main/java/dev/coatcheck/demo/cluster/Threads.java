package dev.coatcheck.demo.cluster;

/** Threads that keep no process alive. */
final class Threads {
    private Threads() {}

    static Thread daemon(Runnable task) {
        Thread made = new Thread(task, "cluster-demo");
        made.setDaemon(true);
        return made;
    }
}
