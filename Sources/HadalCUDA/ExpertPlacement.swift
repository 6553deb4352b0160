import Foundation
import HadalCheckpoint
import HadalCompute

/// What a device may use beside what it finds.
public struct CUDALimits: Sendable, Hashable {
    /// The most bytes of the card's memory; nil: all that is free.
    public var memory: Int?
    /// Bytes that keys and values will take; nil: what is left is shared.
    public var cache: Int?
    /// Bytes of another model that is loaded after the first.
    public var later = 0
    /// The most layers whose experts are the card's; nil: as many as fit.
    package var expertLayers: Int?
    /// Threads of the processor, where it has experts; nil: one a core, or `HADAL_THREADS`.
    public var threads: Int?

    public init(memory: Int? = nil, cache: Int? = nil, later: Int = 0, threads: Int? = nil) {
        (self.memory, self.cache, self.later, self.threads) = (memory, cache, later, threads)
    }
}

/// Which layers' experts the card has, and which the processor beside it.
///
/// Of a model of DeepSeek-V3's kind 97 % of the parameters are routed experts, of which a token uses a thirtieth: a card that has
/// all else, and a machine with memory for them, run it together. Each such layer costs a row on its way there and back (56 KB of V3),
/// a thousandth of what the processor reads of its experts.
package struct ExpertPlacement {
    /// Bytes that the card has left for experts; nil: for all of them.
    package var room: Int?
    /// Of the models that the device computes.
    var isFirst = true
    package var (layersOnCard, layersOnHost) = (0, 0)
    /// Made when it is needed.
    package var host: CPUDevice?
    /// Rows on their way.
    var exchange: PinnedMemory?
}

extension CUDADevice {
    /// Of free memory, for what a step needs beside weights, keys and values.
    private static let scratchShare = 16
    /// Of what the other weights leave, for keys and values where their size is not given.
    private static let cacheShare = 4

    /// All experts are the card's where they fit; else as many layers' as leave room for keys and values.
    /// - Throws: `CUDAError.limitTooSmall` where all else is more than the limit.
    public func expect(experts tensors: [Tensor], others: [Tensor]) throws {
        let free = freeMemory ?? 0
        let later = experts.isFirst ? limits.later : 0
        experts.isFirst = false
        let needed = bytes(of: others) + (limits.cache ?? 0) + later
        if let limit = limits.memory, needed > free {
            throw CUDAError.limitTooSmall(limit: limit, needed: needed + free / Self.scratchShare)
        }
        let left = free - free / Self.scratchShare - bytes(of: others) - later
        let isEnough = bytes(of: tensors) <= left - (limits.cache ?? free / Self.scratchShare)
        experts.room = isEnough ? nil : max(0, left - (limits.cache ?? left / Self.cacheShare))
    }

    public func home(ofExperts tensors: [Tensor]) throws -> any ComputeDevice {
        let bytes = bytes(of: tensors)
        if bytes <= experts.room ?? .max, experts.layersOnCard < limits.expertLayers ?? .max {
            experts.room? -= bytes
            experts.layersOnCard += 1
            return self
        }
        let host = try experts.host ?? CPUDevice(threads: limits.threads, profiler: profiler)
        experts.host = host
        experts.layersOnHost += 1
        return host
    }

    /// On the card.
    private func bytes(of tensors: [Tensor]) -> Int {
        tensors.reduce(0) { sum, tensor in
            // Of a joint up-projection keys become float32, values float16; routers are float32.
            if ["kv_b_proj.", "attn_kv_b."].contains(where: tensor.name.contains) { return sum + 3 * tensor.count }
            let isWide = ["attn_k_b.", "attn_v_b."].contains(where: tensor.name.contains)
            let format: CUDAWeightFormat =
                PackRecipe.isRouter(tensor.name) ? .f32 : isWide ? .widened(tensor.columns) : format(of: tensor)
            let outputs = tensor.count / max(tensor.columns, 1)
            let row = format.rowBytes(tensor.columns)
            return sum + outputs * (row.values + row.minimums)
                + format.scaleBytes(outputs: outputs, inputs: tensor.columns)
        }
    }

    /// Rows and their choice come from the card, the processor multiplies, and the sums go back.
    func multiplyOnHost(
        _ x: Buffer, rows: Int, gateUp: any StackedWeight, down: any StackedWeight, into out: Buffer
    ) {
        guard let host = experts.host else { preconditionFailure("no processor has experts") }
        let start = profiler.begin()
        let entries = rows * routing.slots
        let places = exchange([rows * x.width, entries, entries, rows * out.width])
        let parts = [
            (x.address, rows * x.width), (UInt(bitPattern: routing.chosen), entries),
            (UInt(bitPattern: routing.weights), entries),
        ]
        for (place, part) in zip(places, parts) {
            context.download(UInt64(part.0), bytes: part.1 * 4, to: place)
        }
        synchronize()
        memset(places[3], 0, rows * out.width * 4)
        host.route(
            chosen: places[1].assumingMemoryBound(to: Int32.self),
            weights: places[2].assumingMemoryBound(to: Float.self),
            rows: rows, slots: routing.slots, experts: routing.experts)
        let results = Buffer(address: UInt(bitPattern: places[3]), rows: rows, width: out.width)
        profiler.end(.expertRows, since: start)
        host.multiplyExperts(
            Buffer(address: UInt(bitPattern: places[0]), rows: rows, width: x.width), rows: rows, gateUp: gateUp,
            down: down, into: results)
        let back = profiler.begin()
        let target = scratch.experts.reserve(context, rows * out.width, of: Float.self, for: "experts' rows")
        // The next exchange waits for the card before it writes there.
        context.upload(places[3], bytes: rows * out.width * 4, to: UInt64(UInt(bitPattern: target)))
        let sums = Buffer(address: UInt(bitPattern: target), rows: rows, width: out.width)
        forEach(kernels.add, sums, out, count: rows * out.width)
        end(.expertRows, since: back)
    }

    /// Page-locked places of so many numbers, each where any load may begin. A step is no place to fail in.
    private func exchange(_ counts: [Int]) -> [UnsafeMutableRawPointer] {
        let sizes = counts.map { ($0 * 4 + 63) / 64 * 64 }
        let bytes = sizes.reduce(0, +)
        if (experts.exchange?.bytes ?? 0) < bytes {
            synchronize()
            experts.exchange = nil
            do throws(CUDAError) { experts.exchange = try PinnedMemory(context, bytes: max(2 * bytes, 1 << 20)) } catch
            {
                fatalError("\(error); \(error.advice)")
            }
        }
        var offset = 0
        return sizes.map { size in
            defer { offset += size }
            return experts.exchange!.start + offset
        }
    }
}
