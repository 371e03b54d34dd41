package dev.coatcheck.servlet;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/** Ends a visit with its asynchronous request. Containers tell of the completion after a timeout and after an error too. */
final class VisitEnd implements AsyncListener {
    private final Visit visit;

    VisitEnd(Visit visit) {
        this.visit = visit;
    }

    @Override
    public void onComplete(AsyncEvent event) {
        if (visit.isLast(this)) {
            visit.complete();
            visit.finish();
        }
    }

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onError(AsyncEvent event) {}

    /** The next cycle has been begun through {@link SessionRequest}, which adds another listener. */
    @Override
    public void onStartAsync(AsyncEvent event) {}
}
