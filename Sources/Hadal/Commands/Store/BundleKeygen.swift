import ArgumentParser
import HadalBundle
import HadalJSON

struct BundleKeygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make the keys that bundles are signed with.",
        discussion: """
            The private key is for its owner alone (0600), and stays where bundles are exported. The public one lies
            beside it (FILE.pub): take it to the machines that import, and compare its fingerprint there.

            Examples:
              hadal bundle keygen --to exporter.key
              hadal bundle keygen --to exporter.key --json
            """)

    @Option(help: ArgumentHelp("The file of the private key.", valueName: "file")) var to: String
    @Flag(help: "Write JSON.") var json = false

    func run() throws {
        let key = try PrivateKey.make(at: to).publicKey
        if json {
            let object: JSON = [
                "private": .string(to), "public": .string(to + ".pub"), "key": .string(key.text),
                "fingerprint": .string(key.fingerprint),
            ]
            return print(object.text)
        }
        print("\(to): the private key; \(to).pub: the public one")
        print(key.text)
        print("fingerprint: \(key.fingerprint)")
    }
}
