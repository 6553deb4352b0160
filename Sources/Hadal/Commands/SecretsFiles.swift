import ArgumentParser
import Foundation
import HadalSecrets

extension DataPurpose: ExpressibleByArgument {}

extension Secrets {
    struct Encrypt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Encrypt a file.",
            discussion: """
                Models are read as they are then, by every command: hadal serve r1-q4.gguf.enc.

                Examples:
                  hadal secrets encrypt r1-q4.gguf r1-q4.gguf.enc
                  hadal secrets encrypt handbook.pdf handbook.pdf.enc --purpose knowledge --context handbook
                """)

        @Argument(help: "The file to read.") var file: String
        @Argument(help: "The file to write; must not exist.") var out: String
        @Option(help: "Whose data key: \(DataPurpose.allCases.map(\.rawValue).joined(separator: ", ")).")
        var purpose = DataPurpose.models
        @Option(help: "What the file is, written in plain in its header. (default: FILE's name)") var context: String?
        @OptionGroup var options: Options

        func run() async throws {
            let keys = try await options.openKeys()
            try EncryptedFile.encrypt(
                file, to: out, keys: keys, purpose: purpose,
                context: context ?? URL(fileURLWithPath: file).lastPathComponent)
        }
    }

    struct Decrypt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decrypt a file, all or nothing.",
            discussion: """
                OUT appears only when all of FILE was checked, and only its owner may read it.

                Examples:
                  hadal secrets decrypt r1-q4.gguf.enc r1-q4.gguf
                  hadal secrets decrypt handbook.pdf.enc handbook.pdf --context handbook
                """)

        @Argument(help: "The file to read.") var file: String
        @Argument(help: "The file to write; must not exist.") var out: String
        @Option(help: "What the file must have been written as.") var context: String?
        @OptionGroup var options: Options

        func run() async throws {
            try EncryptedFile.decrypt(file, to: out, keys: try await options.openKeys(), context: context)
        }
    }
}
