import HadalCUDAKernels

/// How many blocks of a kernel there are, as `hadal_cuda.h` says beside its struct.
struct LaunchGrid {
    var x: Int
    var y = 1
    var z = 1

    /// Of `y` and `z`.
    static let most = 65535

    static func blocks(_ x: Int, _ y: Int = 1, _ z: Int = 1) -> LaunchGrid { LaunchGrid(x: x, y: y, z: z) }

    /// A thread for each element.
    static func elements(_ count: Int) -> LaunchGrid { .blocks(tiles(count, of: 256)) }

    /// A block for some outputs of a tile of rows, of each of `members` weights.
    static func product(outputs: Int, tiles count: Int, members: Int = 1) -> LaunchGrid {
        .blocks(tiles(outputs, of: Int(HADAL_CUDA_PRODUCT_OUTPUTS)), count, members)
    }

    /// The same for many more outputs.
    static func wide(outputs: Int, tiles count: Int) -> LaunchGrid {
        .blocks(tiles(outputs, of: Int(HADAL_CUDA_WIDE_OUTPUTS)), count)
    }

    /// A block for 256 numbers of a row.
    static func columns(_ width: Int, rows: Int) -> LaunchGrid { .blocks(tiles(width, of: 256), rows) }

    /// A block for some query heads of a key head, a piece and a row.
    static func attend(rows: Int, keyHeads: Int, group: Int, together: Int, pieces: Int) -> LaunchGrid {
        .blocks(keyHeads * tiles(group, of: together), pieces, rows)
    }

    static func tiles(_ count: Int, of size: Int) -> Int { (count + size - 1) / size }
}
