package dev.coatcheck.demo.cluster;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** What the log says, for a place on the page. Both Chirps say the same, which is shown once. Safe for use by many threads. */
final class News extends AppenderBase<ILoggingEvent> {
    private static final int KEPT = 50;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private record Item(String text, String time) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Item> items = new ArrayDeque<>();

    @Override
    protected void append(ILoggingEvent event) {
        LocalTime time = LocalTime.ofInstant(Instant.ofEpochMilli(event.getTimeStamp()), ZoneId.systemDefault());
        String text = event.getFormattedMessage().replaceAll("\\p{Cntrl}+", " ");
        lock.lock();
        try {
            items.removeIf(item -> item.text.equals(text));
            items.addLast(new Item(text, TIME.format(time)));
            if (items.size() > KEPT) {
                items.removeFirst();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The newest few, oldest first. */
    List<String> newest(int count) {
        lock.lock();
        try {
            List<Item> all = new ArrayList<>(items);
            return all.subList(Math.max(0, all.size() - count), all.size()).stream()
                    .map(item -> "  " + item.time + " " + item.text)
                    .toList();
        } finally {
            lock.unlock();
        }
    }
}
