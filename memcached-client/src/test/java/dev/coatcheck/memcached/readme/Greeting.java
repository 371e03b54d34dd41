package dev.coatcheck.memcached.readme;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.coatcheck.memcached.Command;
import dev.coatcheck.memcached.MemcachedClient;
import dev.coatcheck.memcached.MemcachedException;
import dev.coatcheck.memcached.Reply;

public class Greeting {
    public static void main(String[] args) {
        try (MemcachedClient client = MemcachedClient.builder().node(args[0]).build()) {
            client.execute(Command.set("greeting", "hello".getBytes(UTF_8)).expire(60));

            // One trip: the value, its state's number, the seconds it had left, and 60 seconds more for it.
            Reply found = client.execute(
                    Command.get("greeting").value().cas().secondsLeft().touch(60));
            System.out.println(new String(found.value(), UTF_8) + ", " + found.secondsLeft() + " s left");

            // Only if nobody wrote meanwhile, and only to the very process that gave the number.
            Reply written = client.execute(Command.set("greeting", "hello again".getBytes(UTF_8))
                    .ifCas(found.cas())
                    .onlyOn(found.server())
                    .expire(60));
            System.out.println(written.status()); // DONE; EXISTS: somebody wrote; ABSENT: it is gone
        } catch (MemcachedException e) {
            System.out.println(e.fate() + ": " + e.getMessage()); // has it happened? See below
        }
    }
}
