import HadalJSON
import HadalState

/// What a report is divided by.
public enum UsageDimension: String, CaseIterable, Sendable, Hashable {
    case day, tenant, user, key, model
}

/// Which usage a report is about.
public struct UsageQuery: Sendable, Hashable {
    public static let rowsLimit = 100_000

    /// A row for each combination that occurs. Empty: one row of all.
    public var by: [UsageDimension]
    /// Both included; nil: from the first, to the last there is.
    public var from: UTCDay?
    public var to: UTCDay?
    /// Only what is of this tenant, this user…
    public var only: [UsageDimension: String]

    public init(
        by: [UsageDimension] = [], from: UTCDay? = nil, to: UTCDay? = nil, only: [UsageDimension: String] = [:]
    ) {
        self.by = by
        self.from = from
        self.to = to
        self.only = only
    }
}

/// A row of a report.
public struct UsageRow: Sendable, Hashable {
    /// One for each dimension asked for, in that order. Empty where a request had no user or no key.
    public var names: [String]
    public var requests: Int
    public var promptTokens: Int
    /// Part of the prompts'.
    public var cachedTokens: Int
    public var answerTokens: Int
    public var cost: Cost
}

extension UsageStore {
    /// In the order of names.
    /// - Throws: `AccessStoreError`.
    public func report(_ query: UsageQuery) async throws(AccessStoreError) -> [UsageRow] {
        var conditions: [String] = []
        var arguments: StateArguments = []
        func require(_ condition: String, _ value: String) {
            conditions.append(condition)
            arguments.append(value)
        }
        if let from = query.from { require("day >= ?", from.description) }
        if let to = query.to { require("day <= ?", to.description) }
        for dimension in UsageDimension.allCases {
            if let name = query.only[dimension] { require("\(dimension.rawValue) = ?", name) }
        }
        // Only names of columns from the enum are put into the text.
        var columns: [String] = []
        for dimension in query.by where !columns.contains(dimension.rawValue) { columns.append(dimension.rawValue) }
        let names = columns.joined(separator: ", ")
        var sql = """
            SELECT \(names.isEmpty ? "" : names + ", ")sum(requests) AS requests, sum(promptTokens) AS promptTokens, \
            sum(cachedTokens) AS cachedTokens, sum(answerTokens) AS answerTokens, sum(cost) AS cost FROM usage
            """
        if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
        if !columns.isEmpty { sql += " GROUP BY \(names) ORDER BY \(names)" }
        sql += " LIMIT \(UsageQuery.rowsLimit)"
        return try await read { [sql, arguments, columns] db in
            try db.rows(sql, arguments).map { try UsageRow($0, columns) }
        }
    }
}

extension UsageRow {
    fileprivate init(_ row: StateRow, _ columns: [String]) throws {
        /// A sum of no rows is NULL.
        func sum(_ column: String) throws -> Int { try row.optionalInt(column) ?? 0 }
        names = try columns.map { try row.text($0) }
        requests = try sum("requests")
        promptTokens = try sum("promptTokens")
        cachedTokens = try sum("cachedTokens")
        answerTokens = try sum("answerTokens")
        cost = Cost(billionths: try sum("cost"))
    }

    /// With the names under those of their dimensions.
    /// - Parameter dimensions: those of the query.
    public func json(_ dimensions: [UsageDimension]) -> JSON {
        var object = JSON.Object(zip(dimensions, names).map { ($0.rawValue, .string($1)) })
        object["requests"] = .int(Int64(requests))
        object["promptTokens"] = .int(Int64(promptTokens))
        object["cachedTokens"] = .int(Int64(cachedTokens))
        object["answerTokens"] = .int(Int64(answerTokens))
        object["cost"] = .double(cost.units)
        return .object(object)
    }
}
