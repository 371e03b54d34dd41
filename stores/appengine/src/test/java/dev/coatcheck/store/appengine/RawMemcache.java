package dev.coatcheck.store.appengine;

import com.google.appengine.api.memcache.MemcacheServicePb.MemcacheSetRequest;
import com.google.appengine.repackaged.com.google.protobuf.ByteString;
import com.google.apphosting.api.ApiProxy;

/** Puts into memcache what the service's client would not. */
final class RawMemcache {
    private RawMemcache() {}

    /** @param flags the client's number of a type: 2 for Java's serialized objects */
    static void put(byte[] key, byte[] value, int flags) {
        MemcacheSetRequest request = MemcacheSetRequest.newBuilder()
                .setNameSpace("")
                .addItem(MemcacheSetRequest.Item.newBuilder()
                        .setKey(ByteString.copyFrom(key))
                        .setValue(ByteString.copyFrom(value))
                        .setFlags(flags))
                .build();
        ApiProxy.makeSyncCall("memcache", "Set", request.toByteArray());
    }
}
