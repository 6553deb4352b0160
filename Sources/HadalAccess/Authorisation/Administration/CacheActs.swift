extension AccessAdministration {
    /// Records that cached answers are to be forgotten, which is done after that, where they are.
    /// - Parameter tenant: whose; nil: everybody's.
    public func recordClearingOfCache(of tenant: String?, by requester: Requester) throws(AccessProblem) {
        let action = "cache.clear"
        try perform(requester, .manageOperations, Act(action: action, target: (tenant ?? "").brief)) {
            directory throws(AccessProblem) in
            guard let tenant else { return Plan(act: Act(action: action)) }
            let name = try directory.tenant(tenant, for: requester.principal).name
            return Plan(act: Act(action: action, target: name, tenant: name))
        } change: { _, _ in
        }
    }
}
