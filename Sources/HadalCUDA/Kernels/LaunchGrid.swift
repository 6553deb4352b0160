import HadalCUDAKernels

/// How many blocks of a kernel there are, as `hadal_cuda.h` says beside its struct.
struct LaunchGrid {
    var x: Int
    var y = 1
    var z = 1

    static func blocks(_ x: Int, _ y: Int = 1, _ z: Int = 1) -> LaunchGrid { LaunchGrid(x: x, y: y, z: z) }

    /// A thread for each element.
    static func elements(_ count: Int) -> LaunchGrid { .blocks(tiles(count, of: 256)) }

    static func product(outputs: Int, rows: Int) -> LaunchGrid {
        .blocks(tiles(outputs, of: 16), tiles(rows, of: 64))
    }

    static func perHead(outputs: Int, rows: Int, heads: Int) -> LaunchGrid {
        .blocks(tiles(outputs, of: 16), tiles(rows, of: 64), heads)
    }

    static func experts(outputs: Int, rows: Int, experts: Int) -> LaunchGrid {
        .blocks(tiles(outputs, of: 16), experts)
    }

    static func attend(rows: Int, keyHeads: Int, queryHeads: Int, pieces: Int) -> LaunchGrid {
        .blocks(pieces, keyHeads, rows)
    }

    private static func tiles(_ count: Int, of size: Int) -> Int { (count + size - 1) / size }
}
