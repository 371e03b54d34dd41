package dev.coatcheck.demo.cluster;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the command line says.
 *
 * @param ports of the Chirps, 0 for any that is free
 * @param users who chirp by themselves
 * @param screen whether what is shown changes in place
 */
record Options(List<Integer> ports, int users, boolean screen) {
    private static final Pattern PORTS = Pattern.compile("--ports=([0-9]{1,5}),([0-9]{1,5})");
    private static final Pattern TRAFFIC = Pattern.compile("--traffic(?:=([0-9]{1,3}))?");
    private static final int MAX_PORT = 65_535;
    private static final int USERS = 5;
    private static final int MAX_USERS = 100;

    /** @throws IllegalArgumentException when something in it is wrong; the message says what is accepted */
    static Options parse(List<String> arguments) {
        Options options = new Options(List.of(8080, 8081), 0, false);
        for (String argument : arguments) {
            options = options.with(argument);
        }
        return options;
    }

    private Options with(String argument) {
        if (argument.equals("--lines") || argument.equals("--screen")) {
            return new Options(ports, users, argument.equals("--screen"));
        } else if (argument.startsWith("--ports=")) {
            return new Options(ports(argument), users, screen);
        } else if (argument.equals("--traffic") || argument.startsWith("--traffic=")) {
            return new Options(ports, users(argument), screen);
        }
        throw new IllegalArgumentException(
                "unknown option '" + argument + "'; 'bin/cluster-demo --help' tells what there is");
    }

    private static List<Integer> ports(String argument) {
        Matcher matcher = PORTS.matcher(argument);
        if (matcher.matches()) {
            int first = Integer.parseInt(matcher.group(1));
            int second = Integer.parseInt(matcher.group(2));
            if (first <= MAX_PORT && second <= MAX_PORT && (first != second || first == 0)) {
                return List.of(first, second);
            }
        }
        throw new IllegalArgumentException(
                "'" + argument + "': accepted are two different ports of 0 to " + MAX_PORT + ", as --ports=8090,8091");
    }

    private static int users(String argument) {
        Matcher matcher = TRAFFIC.matcher(argument);
        if (matcher.matches()) {
            int users = matcher.group(1) == null ? USERS : Integer.parseInt(matcher.group(1));
            if (users >= 1 && users <= MAX_USERS) {
                return users;
            }
        }
        throw new IllegalArgumentException(
                "'" + argument + "': accepted are 1 to " + MAX_USERS + " users, as --traffic=20");
    }
}
