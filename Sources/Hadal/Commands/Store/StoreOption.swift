import ArgumentParser
import HadalStore

struct StoreOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store of models. Default: HADAL_STORE, or ~/.local/share/hadal/models.", valueName: "dir"))
    var store: String?

    var modelStore: ModelStore { store.map(ModelStore.init(directory:)) ?? ModelStore() }
}
