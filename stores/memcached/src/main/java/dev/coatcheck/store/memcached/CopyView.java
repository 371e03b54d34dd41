package dev.coatcheck.store.memcached;

import static dev.coatcheck.store.memcached.Voters.FIRST;
import static dev.coatcheck.store.memcached.Voters.SECOND;
import static dev.coatcheck.store.memcached.Voters.WITNESS;

import dev.coatcheck.store.memcached.NodeAnswer.Away;
import dev.coatcheck.store.memcached.NodeAnswer.Found;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a key's nodes have answered, by place; null where one did not, or was not asked. */
record CopyView(
        @Nullable NodeAnswer first,
        @Nullable NodeAnswer second,
        @Nullable NodeAnswer witness) {
    static final CopyView NOTHING = new CopyView(null, null, null);

    @Nullable
    NodeAnswer at(int place) {
        return place == FIRST ? first : place == SECOND ? second : witness;
    }

    CopyView with(int place, NodeAnswer answer) {
        NodeAnswer known = answer instanceof Away ? null : answer;
        return new CopyView(
                place == FIRST ? known : first, place == SECOND ? known : second, place == WITNESS ? known : witness);
    }

    List<Copy> copies() {
        List<Copy> copies = new ArrayList<>();
        for (int place = FIRST; place <= WITNESS; place++) {
            if (at(place) instanceof Found found) {
                copies.add(Copy.of(place, found));
            }
        }
        return copies;
    }
}
