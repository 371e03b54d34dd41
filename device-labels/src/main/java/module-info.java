/** Names devices by their user agent, where it is on the module path. */
module dev.coatcheck.labels {
    requires transitive dev.coatcheck;
    requires uap.java;
    requires static transitive org.jspecify;

    exports dev.coatcheck.labels;

    provides dev.coatcheck.DeviceLabels with
            dev.coatcheck.labels.UserAgentLabels;
}
