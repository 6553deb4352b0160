import HadalJSON

/// What a profile of a worker is.
extension APIDescription {
    static let workerProfile: JSON = object(
        [
            "device": string, "seconds": number, "phases": array(phase),
            "memory": object(
                [:],
                further: [
                    "weights": integer, "cacheUsed": integer, "cacheKept": integer, "cacheReserved": integer,
                    "scratch": integer, "resident": integer, "peak": integer, "mapped": integer,
                ]),
            "threads": array(object(["name": string, "threads": integer, "processorSeconds": number])),
        ],
        further: [
            "roofline": object([
                "readBytesPerSecond": number, "int8OperationsPerSecond": number, "float32OperationsPerSecond": number,
                "wasBusy": boolean,
            ])
        ])

    private static let phase: JSON = object([
        "phase": string, "seconds": number, "steps": integer, "promptRows": integer, "answerRows": integer,
        "otherSeconds": number,
        "operations": array(
            object(
                [
                    "operation": string, "part": string, "calls": integer, "seconds": number, "share": number,
                    "bytes": integer, "integerOperations": integer, "floatOperations": integer,
                ],
                further: ["bytesPerSecond": number, "operationsPerSecond": number, "rooflineShare": number])),
    ])
}
