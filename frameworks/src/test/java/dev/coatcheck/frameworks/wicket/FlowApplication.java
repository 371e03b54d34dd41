package dev.coatcheck.frameworks.wicket;

import org.apache.wicket.DefaultPageManagerProvider;
import org.apache.wicket.Page;
import org.apache.wicket.RuntimeConfigurationType;
import org.apache.wicket.pageStore.IPageStore;
import org.apache.wicket.pageStore.InSessionPageStore;
import org.apache.wicket.protocol.http.WebApplication;

/** A Wicket application whose pages are kept in the session, where every node finds them. */
public final class FlowApplication extends WebApplication {
    private static final int MOST_PAGES = 5;

    @Override
    public Class<? extends Page> getHomePage() {
        return FlowPage.class;
    }

    @Override
    public RuntimeConfigurationType getConfigurationType() {
        return RuntimeConfigurationType.DEPLOYMENT;
    }

    @Override
    protected void init() {
        super.init();
        setPageManagerProvider(new DefaultPageManagerProvider(this) {
            @Override
            protected IPageStore newPersistentStore() {
                return new InSessionPageStore(MOST_PAGES);
            }
        });
    }
}
