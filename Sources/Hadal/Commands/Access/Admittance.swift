import ArgumentParser

/// `--enable`, `--disable`.
enum Admittance: EnumerableFlag {
    case enable, disable
}
