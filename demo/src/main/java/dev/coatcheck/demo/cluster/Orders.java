package dev.coatcheck.demo.cluster;

import dev.coatcheck.demo.cluster.Node.Fate;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the user tells to do with nodes, a line each. */
final class Orders {
    static final String LIST = "k 1 kill node 1, f 1 freeze, t 1 thaw, r 1 restart empty, s show, q quit";

    private static final Pattern ORDER = Pattern.compile("([kftr])\\s*([0-9]+)");

    private final List<Node> nodes;

    Orders(List<Node> nodes) {
        this.nodes = nodes;
    }

    /** Does what a line says and tells what came of it. */
    String carryOut(String line) {
        Matcher matcher = ORDER.matcher(line);
        if (!matcher.matches()) {
            return line.matches("[kftr]")
                    ? "Which node? As '" + line + " 1', up to " + nodes.size() + "."
                    : "'" + shown(line) + "' is no command; h tells them.";
        }
        String number = matcher.group(2);
        if (number.length() > 3 || Integer.parseInt(number) < 1 || Integer.parseInt(number) > nodes.size()) {
            return "There is no node " + shown(number) + ": they are 1 to " + nodes.size() + ".";
        }
        Node node = nodes.get(Integer.parseInt(number) - 1);
        return switch (matcher.group(1)) {
            case "k" -> kill(node);
            case "f" -> freeze(node);
            case "t" -> thaw(node);
            default -> restart(node);
        };
    }

    private static String kill(Node node) {
        if (node.fate() == Fate.KILLED) {
            return "Node " + node.number() + " is dead already; 'r " + node.number() + "' starts it again.";
        }
        node.kill();
        return "Node " + node.number() + " is killed, and what it held is gone.";
    }

    private static String freeze(Node node) {
        return switch (node.fate()) {
            case KILLED -> dead(node);
            case FROZEN -> "Node " + node.number() + " is frozen already; 't " + node.number() + "' thaws it.";
            case UP -> {
                node.freeze();
                yield "Node " + node.number() + " is frozen: it answers nothing and forgets nothing.";
            }
        };
    }

    private static String thaw(Node node) {
        return switch (node.fate()) {
            case KILLED -> dead(node);
            case UP -> "Node " + node.number() + " is not frozen.";
            case FROZEN -> {
                node.thaw();
                yield "Node " + node.number() + " goes on, with what it held when it was frozen.";
            }
        };
    }

    private static String restart(Node node) {
        node.restart();
        return "Node " + node.number() + " runs again, empty, as process " + node.pid() + ".";
    }

    private static String dead(Node node) {
        return "Node " + node.number() + " is dead; 'r " + node.number() + "' starts it again.";
    }

    private static String shown(String text) {
        String visible = text.replaceAll("[^ -~]", "?");
        return visible.length() <= 30 ? visible : visible.substring(0, 30) + "...";
    }
}
