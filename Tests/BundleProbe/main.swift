import Foundation
import HadalBundle
import HadalStore

// A process for tests to run out of room or to kill: BundleProbe STORE BUNDLE BYTES-MAX KILL-AT SPINS
// It takes an unsigned bundle. No file that it writes gets larger than BYTES-MAX, as on a full disk (0: any size). A
// while (SPINS) after the step with the number KILL-AT (0: never) it is killed, whatever it does by then.

let arguments = CommandLine.arguments
let (bytesMax, killAt, spins) = (UInt(arguments[3])!, Int(arguments[4])!, Int(arguments[5])!)
if bytesMax > 0 {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: bytesMax, rlim_max: bytesMax)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
}
let store = ModelStore(directory: arguments[1])
let bundle = BundleImport(store: store, trusted: try TrustedKeys(of: store), takesUnsigned: true)
do {
    var steps = 0
    let result = try bundle.run(arguments[2]) { _, _, _ in
        steps += 1
        guard steps == killAt else { return }
        if spins == 0 { kill(getpid(), SIGKILL) }
        Thread.detachNewThread {
            var state: UInt64 = 1
            for _ in 0..<spins { state = state &* 6_364_136_223_846_793_005 &+ 1 }
            kill(getpid(), state == 0 ? SIGTERM : SIGKILL)
        }
    }
    exit(result.missingParts.isEmpty ? 0 : 3)
} catch {
    print("error: \(error)")
    exit(1)
}
