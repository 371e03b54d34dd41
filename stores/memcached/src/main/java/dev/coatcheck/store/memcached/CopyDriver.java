package dev.coatcheck.store.memcached;

import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedException;
import dev.coatcheck.memcached.MemcachedException.Fate;
import dev.coatcheck.memcached.MemcachedNode;
import dev.coatcheck.memcached.PendingReply;
import dev.coatcheck.memcached.Reply;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Carries out the steps of one key at its nodes, blocking. A node that does not answer costs the timeout once, since it is asked
 * nothing more until it does. For one thread; holds no lock.
 */
final class CopyDriver {
    private final String name;
    private final List<MemcachedNode> nodes;
    private final Duration timeout;
    private final Clock clock;

    /**
     * @param name the key's at the servers
     * @param nodes by place
     * @param timeout of each round trip
     */
    CopyDriver(String name, List<MemcachedNode> nodes, Duration timeout, Clock clock) {
        this.name = name;
        this.nodes = nodes;
        this.timeout = timeout;
        this.clock = clock;
    }

    /**
     * Goes from step to step until one is the last.
     *
     * @throws dev.coatcheck.SessionUnavailableException what a step fails with
     */
    <R> R run(CopyStep<R> first) {
        CopyStep<R> step = first;
        while (true) {
            if (step instanceof CopyStep.Done<R> done) {
                return done.result();
            } else if (step instanceof CopyStep.Ask<R> ask) {
                step = ask.then().apply(answers(ask.calls()));
            }
        }
    }

    private List<NodeAnswer> answers(List<CopyStep.Call> calls) {
        long deadline = System.nanoTime() + timeout.toNanos();
        List<PendingReply> pending = new ArrayList<>(calls.size());
        for (CopyStep.Call call : calls) {
            pending.add(nodes.get(call.place()).send(command(call.request()), timeout));
        }
        List<NodeAnswer> answers = new ArrayList<>(calls.size());
        for (int i = 0; i < calls.size(); i++) {
            answers.add(answer(calls.get(i), pending.get(i), deadline));
        }
        return answers;
    }

    /** What may be repeated is, on a new connection, when the first one was lost and there is time left. */
    private NodeAnswer answer(CopyStep.Call call, PendingReply pending, long deadline) {
        try {
            return answer(call.request(), pending.await());
        } catch (MemcachedException e) {
            long left = deadline - System.nanoTime();
            boolean again = e.fate() == Fate.UNKNOWN
                    && call.request().isRepeatable()
                    && left > 0
                    && !Thread.currentThread().isInterrupted();
            return again ? again(call, Duration.ofNanos(left)) : failed(call.request(), e);
        }
    }

    private NodeAnswer again(CopyStep.Call call, Duration left) {
        try {
            return answer(call.request(), nodes.get(call.place()).execute(command(call.request()), left));
        } catch (MemcachedException e) {
            return failed(call.request(), e);
        }
    }

    private Command command(NodeRequest request) {
        if (request instanceof NodeRequest.Get get) {
            Command command = Command.get(name);
            command = (get.value() ? command.value() : command).cas().flags().secondsLeft();
            return get.renew() == null ? command : command.touch(exptime(get.renew()));
        } else if (request instanceof NodeRequest.Add add) {
            return set(add.value(), add.life()).create();
        } else if (request instanceof NodeRequest.Swap swap) {
            NodeState over = swap.over();
            return set(swap.value(), swap.life()).ifCas(over.cas()).onlyOn(over.server());
        } else if (request instanceof NodeRequest.Bury bury) {
            return set(bury.tomb(), bury.life());
        } else if (request instanceof NodeRequest.Touch touch) {
            return Command.get(name).touch(exptime(touch.life()));
        } else if (request instanceof NodeRequest.Delete delete) {
            return Command.delete(name)
                    .ifCas(delete.over().cas())
                    .onlyOn(delete.over().server());
        }
        throw new IllegalStateException("No request: " + request);
    }

    private Command set(NodeValue value, Duration life) {
        return Command.set(name, value.bytes()).cas().clientFlags(value.flags()).expire(exptime(life));
    }

    private int exptime(Duration life) {
        return Exptime.of(life, clock.instant()).number();
    }

    private static NodeAnswer answer(NodeRequest request, Reply reply) {
        return switch (reply.status()) {
            case DONE -> done(request, reply);
            case ABSENT -> new NodeAnswer.Absent();
            case NOT_STORED, EXISTS -> new NodeAnswer.Other();
        };
    }

    private static NodeAnswer done(NodeRequest request, Reply reply) {
        NodeState state = new NodeState(reply.cas(), reply.server());
        if (request instanceof NodeRequest.Get get) {
            byte[] value = get.value() ? Objects.requireNonNull(reply.value(), "asked for") : new byte[0];
            return new NodeAnswer.Found(state, reply.flags(), value, reply.secondsLeft());
        }
        boolean stored = !(request instanceof NodeRequest.Touch || request instanceof NodeRequest.Delete);
        return new NodeAnswer.Done(stored ? state : null);
    }

    private static NodeAnswer failed(NodeRequest request, MemcachedException e) {
        return switch (e.fate()) {
            case UNKNOWN -> new NodeAnswer.Away(true, String.valueOf(e.getMessage()));
            case NOT_SENT -> new NodeAnswer.Away(false, String.valueOf(e.getMessage()));
            case OTHER_SERVER -> new NodeAnswer.Other();
            case REFUSED ->
                request instanceof NodeRequest.Get
                        ? new NodeAnswer.Away(false, String.valueOf(e.getMessage()))
                        : new NodeAnswer.Refused();
        };
    }
}
