import HadalCUDAKernels
import HadalCheckpoint
import HadalCompute

/// What was made of a tensor, for as long as somebody uses it. An address is a tensor's own while its file is there.
struct UploadedTensor {
    weak var file: MappedFile?
    weak var weight: CUDALinear?
}

extension CUDADevice {
    public func linear(_ tensors: [Tensor]) throws -> any LinearWeight {
        if tensors.count == 1, let known = known(tensors[0]) { return known }
        try check(tensors)
        let inputs = tensors[0].columns
        var segments: [CUDAWeight] = []
        for group in groups(tensors) {
            let outputs = group.tensors.reduce(0) { $0 + $1.rows }
            segments.append(try weight([group.tensors], group.format, outputs: outputs, inputs: inputs))
        }
        let linear = CUDALinear(segments)
        if tensors.count == 1, let place = tensors[0].data.baseAddress {
            uploaded[place] = UploadedTensor(file: tensors[0].file, weight: linear)
        }
        return linear
    }

    public func linear(_ values: [Float], outputs: Int, inputs: Int) throws -> any LinearWeight {
        try linear([Tensor(name: "a float32 weight", shape: [outputs, inputs], values: values)])
    }

    public func stacked(_ tensors: [Tensor]) throws -> any StackedWeight {
        try stacked(CUDADevice.members(tensors).map { [$0] }, widens: false)
    }

    /// The kernel for heads reads unquantised weights only: they are few.
    public func heads(_ tensors: [Tensor]) throws -> any StackedWeight {
        try stacked(CUDADevice.members(tensors).map { [$0] }, widens: true)
    }

    private static func members(_ tensors: [Tensor]) throws -> [Tensor] {
        guard tensors.count == 1, tensors[0].shape.count == 3 else { return tensors }
        return try (0..<tensors[0].shape[0]).map { try tensors[0].slice($0) }
    }

    public func stacked(_ first: [Tensor], with second: [Tensor]) throws -> any StackedWeight {
        precondition(first.count == second.count)
        return try stacked(zip(first, second).map { [$0, $1] }, widens: false)
    }

    public func stacked(_ values: [Float], count: Int, outputs: Int, inputs: Int) throws -> any StackedWeight {
        try stacked([Tensor(name: "a float32 weight", shape: [count, outputs, inputs], values: values)])
    }

    /// Experts, or heads.
    private static let membersMax = Int(HADAL_CUDA_EXPERTS_MOST)

    public func table(_ tensor: Tensor) throws -> any LinearWeight { try linear([tensor]) }

    /// A projection that is tied to the table takes memory once.
    private func known(_ tensor: Tensor) -> CUDALinear? {
        guard let place = tensor.data.baseAddress, let own = uploaded[place], own.file === tensor.file,
            let weight = own.weight, [weight.outputs, weight.inputs] == tensor.shape
        else { return nil }
        return weight
    }

    /// Each member's matrices, one below the other. Members are of one format: where the tensors are not, or where FP8's blocks would
    /// run over from one matrix into the next, they are widened.
    private func stacked(_ members: [[Tensor]], widens: Bool) throws -> any StackedWeight {
        let all = members.flatMap { $0 }
        try check(all)
        guard let first = members.first else { preconditionFailure("no members") }
        guard members.count <= Self.membersMax else {
            throw ComputeError.unusableWeight(
                tensor: first[0].name, problem: "one of \(members.count); the most is \(Self.membersMax)")
        }
        for member in members where member.map(\.shape) != first.map(\.shape) {
            throw ComputeError.unusableWeight(
                tensor: member[0].name, problem: "is \(member[0].shape) where the others are \(first[0].shape)")
        }
        let inputs = first[0].columns
        var format = format(of: first[0])
        let isAlike = all.allSatisfy { self.format(of: $0) == format && format.canBeFollowed(outputs: $0.rows) }
        if !isAlike || widens && format.isQuantized { format = .widened(inputs) }
        let outputs = first.reduce(0) { $0 + $1.rows }
        return CUDAStacked(
            try weight(members, format, outputs: outputs, inputs: inputs))
    }

    func format(of tensor: Tensor) -> CUDAWeightFormat { isExact ? .f32 : CUDAWeightFormat(tensor) }

    private func check(_ tensors: [Tensor]) throws {
        for tensor in tensors {
            guard tensor.shape.count == 2, tensor.count > 0 else {
                throw ComputeError.unusableWeight(
                    tensor: tensor.name, problem: "expected a matrix, found shape \(tensor.shape)")
            }
            guard tensor.format.hasRealValues else {
                throw ComputeError.unusableWeight(
                    tensor: tensor.name, problem: "cannot compute with \(tensor.format.name)")
            }
            guard tensor.columns == tensors[0].columns else {
                throw ComputeError.unusableWeight(
                    tensor: tensor.name,
                    problem: "has \(tensor.shape) where \(tensors[0].columns) inputs were expected")
            }
        }
    }

    /// Neighbours of one format become one matrix.
    private func groups(_ tensors: [Tensor]) -> [(format: CUDAWeightFormat, tensors: [Tensor])] {
        var groups: [(format: CUDAWeightFormat, tensors: [Tensor])] = []
        for tensor in tensors {
            let format = format(of: tensor)
            if let last = groups.last, last.format == format, let before = last.tensors.last,
                format.canBeFollowed(outputs: before.rows)
            {
                groups[groups.count - 1].tensors.append(tensor)
            } else {
                groups.append((format, [tensor]))
            }
        }
        return groups
    }

    /// Uploads members that are of one shape; in float32 where they do not fit float16.
    private func weight(
        _ members: [[Tensor]], _ format: CUDAWeightFormat, outputs: Int, inputs: Int
    ) throws -> CUDAWeight {
        var weight: CUDAWeight? = try CUDAWeight(
            context, format, count: members.count, outputs: outputs, inputs: inputs, name: members[0][0].name)
        var range = WeightRange()
        var first = 0
        for tensor in members.joined() {
            range.join(try uploader.upload(tensor, into: weight!, at: first))
            first += tensor.rows
        }
        uploader.finish()
        if let whole = weight, range.fits { return whole }
        weight = nil
        return try self.weight(members, .f32, outputs: outputs, inputs: inputs)
    }
}
