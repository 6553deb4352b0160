import ArgumentParser
import Foundation
import HadalJSON
import HadalTerminal

struct Workers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a server's workers and replace one, or show how workers ended.",
        discussion: """
            A running server is asked at its address, with the key in HADAL_API_KEY. Crash reports are read from the data
            directory.

            Examples:
              hadal workers list --url http://127.0.0.1:8000
              hadal workers restart deepseek-r1 --url http://127.0.0.1:8000
              hadal workers crashes
              hadal workers crashes show deepseek-r1-20261129T073001.123Z
            """,
        subcommands: [List.self, Restart.self, WorkerCrashes.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the workers of a running server.",
            discussion: """
                Examples:
                  hadal workers list
                  hadal workers list --url https://hadal.example.org --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let list = try await server.answer(["workers"])
            let workers = list["data"]?.array ?? []
            if json { return print(JSON.array(workers).text) }
            let rows = workers.map { worker -> [String] in
                func text(_ name: String) -> String { worker[name]?.string.map(ControlFilter.cleanLine) ?? "-" }
                func number(_ name: String) -> String { worker[name]?.int.map { "\($0)" } ?? "-" }
                let crash = worker["lastCrash"]
                let loaded = worker["loaded"]?.double.map { [$0.percentText] } ?? []
                return [
                    text("name"), ([text("state")] + loaded).joined(separator: " "), number("pid"),
                    worker["uptimeSeconds"]?.double.map { "\(Int($0))s" } ?? "-", number("restarts"),
                    worker["memoryBytes"]?.int.map { ByteSize.rounded($0) } ?? "-",
                    "\(worker["runningRequests"]?.array?.count ?? 0)",
                    (crash?["name"] ?? crash?["time"])?.string.map(ControlFilter.cleanLine) ?? "-",
                ]
            }
            let header = ["WORKER", "STATE", "PID", "UP", "RESTARTS", "MEMORY", "REQUESTS", "LAST CRASH"]
            print(Table(header: header, rows: rows, numbers: [2, 3, 4, 5, 6]).text)
        }
    }

    struct Restart: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a model's worker with a new one.",
            discussion: """
                The new one loads beside the old one, takes over when it is ready, and the old one finishes what it has. Where
                memory does not allow two, the old one ends first, and requests wait. 'hadal workers list' shows how far it is.

                Example:
                  hadal workers restart deepseek-r1 --url http://127.0.0.1:8000
                """)

        @Argument(help: "The worker's name: its model's, or MODEL#2 for the second of several.") var model: String
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let worker = try await server.answer(["workers", model, "restart"], .object(JSON.Object()))
            output.tell(worker, "the worker \(model) is being replaced")
        }
    }
}

extension ByteSize {
    /// For people to read: `1.5GiB`.
    static func rounded(_ bytes: Int) -> String {
        for (name, size) in [("GiB", 0x1p30), ("MiB", 0x1p20), ("KiB", 0x1p10)] where Double(bytes) >= size {
            return String(format: "%.1f%@", Double(bytes) / size, name)
        }
        return "\(bytes)B"
    }
}
