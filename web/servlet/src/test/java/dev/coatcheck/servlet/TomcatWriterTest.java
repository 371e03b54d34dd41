package dev.coatcheck.servlet;

class TomcatWriterTest extends FilterContract {
    TomcatWriterTest() {
        super(new Tomcat(), true);
    }
}
