package dev.coatcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which classes a list allows, and which no list can. */
class SerializableTypesTest {
    private static final String HERE = SerializableTypesTest.class.getName();

    record A(int n) implements Serializable {}

    record B(A a) implements Serializable {}

    @TempDir
    Path folder;

    @Test
    void aNameIsOneClassAndAPackageIsNoneBelowIt() {
        SerializableTypes types = SerializableTypes.of("com.shop.Cart", "com.shop.model.*");
        assertThat(List.of("com.shop.Cart", "com.shop.model.Line", "com.shop.model.Line$Part", "java.util.ArrayList"))
                .allMatch(types::allows);
        assertThat(List.of(
                        "com.shop.Cart$Line",
                        "com.shop.Carts",
                        "com.shop.model.deep.Line",
                        "com.shop.model",
                        "Line",
                        "java.util.PriorityQueue"))
                .noneMatch(types::allows);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "**",
                "com.**",
                "com.*.Cart",
                "com.shop.Ca*",
                "",
                "com..Cart",
                "[Lcom.shop.Cart;",
                "java.*",
                "java.util.*",
                "javax.swing.*",
                "jakarta.faces.*",
                "org.springframework.security.core.*",
                "org.apache.commons.collections.functors.*",
                "org.apache.wicket.*",
                "com.sun.*",
                "com.sun.faces.*",
                "com.sun.faces.util.*",
                "com.sun.faces.facelets.el.TagValueExpression",
                "com.sun.faces.facelets.tag.jstl.core.MappedValueExpression",
                "com.sun.facesque.Thing",
                "java.lang.invoke.SerializedLambda",
                "java.net.URL",
                "com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl",
                "org.apache.commons.collections.functors.InvokerTransformer",
                "java.security.SignedObject"
            })
    void whatWouldAllowTooMuchOrIsKnownForHarmIsRefusedByName(String line) {
        assertThatThrownBy(() -> SerializableTypes.of("com.shop.Cart", line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("serializable")
                .hasMessageContaining(SafeText.quote(line))
                .hasMessageNotContaining("com.shop.Cart\":");
    }

    @Test
    void mojarrasClassesMayBeListedOneByOneThoughTheyAreUnderComSun() {
        SerializableTypes types = SerializableTypes.of("com.sun.faces.util.LRUMap");
        assertThat(types.allows("com.sun.faces.util.LRUMap")).isTrue();
        assertThat(types.allows("com.sun.faces.context.SessionMap$Mutex")).isFalse();
    }

    @Test
    void aFileHasOneToALineAndComments() throws Exception {
        Path file =
                Files.writeString(folder.resolve("types"), "# ours\n\n com.shop.Cart # the cart\ncom.shop.model.*\n");
        assertThat(List.of("com.shop.Cart", "com.shop.model.X")).allMatch(SerializableTypes.file(file)::allows);
        Files.writeString(file, "a.B\n*\n");
        assertThatThrownBy(() -> SerializableTypes.file(file)).hasMessageContaining(file.toString());
        assertThatThrownBy(() -> SerializableTypes.file(folder.resolve("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none");
    }

    @Test
    void aSettingHasNamesFilesAndProfiles() throws Exception {
        Path file = Files.writeString(folder.resolve("types"), "com.shop.Cart\n");
        SerializableTypes types =
                SerializableTypes.parse("com.shop.User, file:" + file + ", profile:spring-security,com.shop.model.*");
        assertThat(List.of(
                        "com.shop.Cart",
                        "com.shop.User",
                        "com.shop.model.X",
                        "org.springframework.security.core.userdetails.User"))
                .allMatch(types::allows);
        assertThatThrownBy(() -> SerializableTypes.parse("profile:struts")).hasMessageContaining("spring-security");
        assertThatThrownBy(() -> SerializableTypes.parse("com.shop.Cart,,")).hasMessageContaining("\"\"");
    }

    @Test
    void learningWritesWhatIsSetAndTheFileIsAListThatAllowsIt() throws Exception {
        Path file = folder.resolve("learned");
        ValueCodec learning = codec(SerializableTypes.of(HERE + "$B").learning(file));
        Attribute stored = learning.encodeUntyped("x", List.of(new B(new A(1))));
        learning.saveLearned();
        assertThat(SerializableTypes.lines(file)).as("without what is allowed").containsExactly(HERE + "$A");
        assertThat(learning.decodeUntyped("x", stored)).isEqualTo(List.of(new B(new A(1))));
        ValueCodec strict = codec(SerializableTypes.file(file).and(SerializableTypes.of(HERE + "$B")));
        assertThat(strict.decodeUntyped("x", stored)).isEqualTo(List.of(new B(new A(1))));
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void learningReadsNoClassThatThisProcessDidNotWriteAndTheFileDidNotHave() throws Exception {
        Attribute theirs = codec(SerializableTypes.of(HERE + "$A")).encodeUntyped("x", new A(1));
        Path file = folder.resolve("learned");
        ValueCodec learning = codec(SerializableTypes.of().learning(file));
        assertThatThrownBy(() -> learning.decodeUntyped("x", theirs))
                .isInstanceOf(UndecodableValueException.class)
                .hasMessageContaining(HERE + "$A");
        learning.saveLearned();
        assertThat(SerializableTypes.lines(file)).isEmpty();
        learning.encodeUntyped("y", new A(2));
        learning.saveLearned();
        assertThat(learning.decodeUntyped("x", theirs)).isEqualTo(new A(1));
        assertThat(codec(SerializableTypes.of().learning(file)).decodeUntyped("x", theirs))
                .as("a second run begins with what the first one learned")
                .isEqualTo(new A(1));
    }

    @Test
    void learningRefusesWhatNoListMayHaveAndWhatFailedIsNotLearned() throws Exception {
        Path file = folder.resolve("learned");
        ValueCodec learning = codec(SerializableTypes.of().learning(file));
        assertThatThrownBy(() -> learning.encodeUntyped(
                        "x",
                        new Object[] {new A(1), java.net.URI.create("http://x/").toURL()}))
                .hasMessageContaining("java.net.URL");
        assertThatThrownBy(() -> learning.encodeUntyped("x", new Object[] {new A(1), new Object()}))
                .hasMessageContaining("java.lang.Object");
        learning.saveLearned();
        assertThat(SerializableTypes.lines(file)).isEmpty();
    }

    @Test
    void aFileThatCannotBeWrittenIsToldAtTheStart() {
        assertThatThrownBy(() -> SerializableTypes.of().learning(folder.resolve("none/learned")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be written");
    }

    @Test
    void namesThatAreLearnedAtTheSameTimeAndByOthersAreAllInTheFileSortedAndOnce() throws Exception {
        Path file = folder.resolve("learned");
        Files.writeString(file, "zz.Z\naa.A\n");
        LearnedTypes one = new LearnedTypes(file);
        int many = 8;
        ExecutorService threads = Executors.newFixedThreadPool(many);
        CountDownLatch start = new CountDownLatch(1);
        for (int i = 0; i < many; i++) {
            String name = "com.shop.C" + i;
            threads.execute(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                one.add(List.of(name, "com.shop.Same"));
                one.save();
            });
        }
        start.countDown();
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(SerializableTypes.lines(file))
                .hasSize(many + 3)
                .isSorted()
                .doesNotHaveDuplicates()
                .contains("aa.A", "zz.Z", "com.shop.C0", "com.shop.Same");
    }

    private static ValueCodec codec(SerializableTypes types) {
        return new ValueCodec(List.of(), List.of(), SampleValues.MAX_BYTES, types);
    }
}
