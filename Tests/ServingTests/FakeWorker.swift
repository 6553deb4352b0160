import Foundation
import HadalGateway
import TestSupport
import Testing

/// A program in a worker's place that takes memory when it is told to, or says by SIGHUP that it computes the same tokens from
/// then on. It answers how it is, and what tokens are. Where `hold` is a pipe, it loads until somebody has written to that.
struct FakeWorker: Sendable {
    private let directory: TemporaryDirectory

    /// Takes memory until it has more than this many MiB: by SIGUSR1 and by SIGUSR2, after which it does not end by SIGTERM.
    init(_ first: Int, _ second: Int) throws {
        directory = try TemporaryDirectory()
        let script = Self.script(first, second, pids: directory.file("pids"), hold: hold)
        try Data(script.utf8).write(to: URL(fileURLWithPath: executable))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: executable)
        try #require(
            FileManager.default.isExecutableFile(atPath: PythonClient.interpreter),
            "\(PythonClient.interpreter) is missing: run `make setup` first")
    }

    var executable: String { directory.file("worker") }
    var hold: String { directory.file("hold") }

    /// Those that were ready, in the order in which they were.
    var processes: [Int32] {
        let text = (try? String(contentsOfFile: directory.file("pids"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { Int32($0) }
    }

    /// A gateway that starts this worker.
    func use(in configuration: inout GatewayConfiguration, memoryLimit: Int) {
        var model = ServedModel(name: "scripted", reference: "scripted")
        model.memoryLimit = memoryLimit
        configuration.models = [model]
        configuration.workerExecutable = executable
        configuration.workerWait = .seconds(60)
        configuration.dataDirectory = directory.file("data")
    }

    var reports: CrashReports { CrashReports(data: URL(fileURLWithPath: directory.file("data"))) }

    private static func script(_ first: Int, _ second: Int, pids: String, hold: String) -> String {
        """
        #!\(PythonClient.interpreter)
        import json, os, signal, socketserver, sys
        from http.server import BaseHTTPRequestHandler

        held = []
        health = {"state": "ready", "running": 0}

        def resident():
            with open("/proc/self/status") as file:
                return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) / 1024

        def take(limit, drains=True):
            if not drains:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while resident() < limit:
                held.append(bytearray(os.urandom(1024)) * 1024)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, value):
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if self.path == "/health":
                    return self.answer(health)
                self.answer({"architecture": "fake", "context_length": 64, "vocabulary_size": 8, "parameters": 1,
                             "weight_bytes": 1, "fingerprint": "fp_fake", "abilities": ["completion"], "digest": "00"})

            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.answer({"text": str(os.getpid())})

            def log_message(self, *arguments):
                pass

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        server = Server(sys.argv[sys.argv.index("--socket") + 1], Handler)
        signal.signal(signal.SIGUSR1, lambda *_: take(\(first)))
        signal.signal(signal.SIGUSR2, lambda *_: take(\(second), drains=False))
        signal.signal(signal.SIGHUP, lambda *_: health.update(
            running=1, engine={"sequences_running": 1, "prompt_tokens": 7}))
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        print("a last word", file=sys.stderr, flush=True)
        with open("\(pids)", "a") as file:
            file.write(f"{os.getpid()}\\n")
        print("loaded 40", flush=True)
        if os.path.exists("\(hold)"):
            open("\(hold)").read()
        print("ready", flush=True)
        server.serve_forever()
        """
    }
}
