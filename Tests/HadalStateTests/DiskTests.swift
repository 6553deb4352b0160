import Foundation
import HadalState
import TestSupport
import Testing

/// Full disks and disks that cannot be written, each in a process of its own.
@Suite(.timeLimit(.minutes(15))) struct DiskTests {
    @Test func aFullDiskIsSaidToBeFullAndLosesNothing() async {
        await #expect(processExitsWith: .success) {
            let places = try Places()
            try Places.add((0..<100).map(String.init), to: places.state)
            try FileSizes.limit(toThoseIn: places.directory.path)
            var acknowledged = 100
            var error: StateError?
            while error == nil {
                error = failure { try Places.add([String(repeating: "x", count: 3000)], to: places.state) }
                if error == nil { acknowledged += 1 }
            }
            #expect(error == .diskFull(path: places.path))
            #expect(try Places.names(places.state).count == acknowledged)
            // Another that starts meanwhile can read, too.
            let other = try Places.open(places.directory.path)
            #expect(try Places.names(other).count == acknowledged)
            #expect(
                failure { try Places.add([String(repeating: "y", count: 9000)], to: other) }
                    == .diskFull(path: places.path))
            FileSizes.limit(nil)
            try Places.add(["later"], to: places.state)
            try Places.add(["latest"], to: other)
            #expect(try Places.names(places.state).suffix(2) == ["later", "latest"])
            #expect(try Places.names(places.state).count == acknowledged + 2)
        }
    }

    @Test func aDiskThatIsFullAtTheStartIsSaidToBeFull() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            FileSizes.limit(4096)
            #expect(failure { try Places.open(directory.path) } == .diskFull(path: directory.file("places.db")))
            FileSizes.limit(nil)
            try Places.add(["a"], to: try Places.open(directory.path))
        }
    }

    /// Modes count for nobody who is root.
    @Test(arguments: [0o400, 0o500]) func whatTheUserMayNotWriteIsNamed(mode: Int) async {
        await #expect(processExitsWith: .success) { [mode = mode as Int] in
            let places = try Places()
            try Places.add(["kept"], to: places.state)
            try places.state.close()
            let nobody: uid_t = 65_534
            if geteuid() == 0 {
                for path in [places.directory.path] + (try places.directory.names.map(places.directory.file)) {
                    #expect(chown(path, nobody, nobody) == 0)
                }
                #expect(seteuid(nobody) == 0)
            }
            let locked = mode == 0o400 ? places.path : places.directory.path
            #expect(chmod(locked, mode_t(mode)) == 0)
            let error = failure { try Places.open(places.directory.path) }
            switch error {
            case .unreadable(places.path, _), .readOnly(places.path): break
            default: Issue.record("\(String(describing: error))")
            }
            #expect(chmod(locked, 0o700) == 0)
            #expect(try Places.names(try Places.open(places.directory.path)) == ["kept"])
        }
    }

    @Test func aConnectionThatMayNotWriteIsSaidToBeReadOnlyAndReads() throws {
        let places = try Places()
        try Places.add(["kept"], to: places.state)
        try places.state.write { try $0.execute("PRAGMA query_only = 1") }
        #expect(failure { try Places.add(["lost"], to: places.state) } == .readOnly(path: places.path))
        #expect(try Places.names(places.state) == ["kept"])
        try Places.add(["other"], to: try Places.open(places.directory.path))
    }

    @Test func whatIsNoPlainFileIsNamed() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("places.db")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(
            failure { try Places.open(directory.path) }
                == .unreadable(path: path, problem: "it is not a plain file"))
    }

    @Test func whoWaitsTooLongForAnotherIsToldSo() throws {
        let places = try Places()
        let other = try Places.open(places.directory.path)
        let error = try places.state.write { _ in failure { try Places.add(["a"], to: other) } }
        #expect(error == .busy(path: places.path))
        try Places.add(["b"], to: other)
    }
}
