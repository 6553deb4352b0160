extension BuiltInRules {
    static var workers: [AlertRule] {
        [
            AlertRule(
                "HadalWorkerDown", .gauge(Selector("hadal_worker_ready")), .below([.critical: 1]), holds: 120,
                clearance: 0, summary: "The model {model} cannot be asked.",
                advice:
                    "Its worker ended or is still loading; the server's log says why. `hadal workers list` shows it."),
            AlertRule(
                "HadalWorkerRestarts",
                .sum(.increase(Selector("hadal_worker_restarts_total"), over: 900), by: ["model"]),
                .above([.warning: 0.5, .serious: 2.5, .critical: 4.5]), clearance: 0,
                summary: "The worker of {model} was started anew about {value} times in 15 minutes.",
                advice: "The server's log says how it ended. Most often it needs more memory than there is."),
            AlertRule(
                "HadalCrashes",
                .sum(.increase(Selector("hadal_generation_crashes_total"), over: 900), by: ["model"]),
                .above([.warning: 0.5, .serious: 10, .critical: 50]), clearance: 0,
                summary: "Workers of {model} ended under about {value} answers in 15 minutes.",
                advice: "Other workers went on with those they could. The server's log says how they ended."),
            AlertRule(
                "HadalCacheFull", .gauge(Selector("hadal_engine_cache_usage_ratio")), .of(limit: 1), holds: 300,
                unit: .share, summary: "{value} of the key-value cache of {model} is in use.",
                advice: AlertTemplate(
                    "When it is full answers make room for one another and take longer. Give it more "
                        + "(engine.kv_cache), use 8 bits (kv_format int8), or serve the model with more workers.")),
            AlertRule(
                "HadalWorkerMemory",
                .gauge(Selector("hadal_worker_memory_bytes")) / .gauge(Selector("hadal_worker_memory_limit_bytes")),
                .of(limit: 1), guards: [.init(.gauge(Selector("hadal_worker_memory_limit_bytes")), least: 1)],
                holds: 120,
                unit: .share, summary: "The worker of {model} has {value} of the memory that it may have.",
                advice: AlertTemplate(
                    "Past its memory_limit it is ended. Raise the limit, or give it less to keep "
                        + "(engine.kv_cache, engine.context).")),
        ]
    }
}
