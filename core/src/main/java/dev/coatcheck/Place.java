package dev.coatcheck;

/** Where one of a user's sessions lies or may lie, without what opens it. The id is public, for events. */
record Place(SessionStore.Key key, LeaseClass leaseClass, String id) {

    static Place of(Address address) {
        return new Place(address.key(), address.leaseClass(), address.id());
    }

    /** The id alone. */
    @Override
    public String toString() {
        return "Place[" + id + "]";
    }
}
