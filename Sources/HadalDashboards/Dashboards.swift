extension Dashboard {
    /// Whether all is well.
    static let overview = Dashboard(
        name: "overview", title: "overview",
        panels: [
            .values("Models that can be asked", [("hadal_worker_ready", "{{model}}")], kind: .stat),
            .rates("Requests by status", "hadal_http_requests_total", by: "status", unit: "reqps"),
            .values("Requests in progress", [("hadal_requests_in_progress", "{{instance}}")]),
            .percentiles("Time to first token", "hadal_time_to_first_token_seconds", by: "model"),
            .rates("Tokens written", "hadal_engine_generated_tokens_total", by: "model"),
            .values(
                "Queue",
                [
                    ("hadal_engine_sequences_running", "{{model}} computed"),
                    ("hadal_engine_sequences_waiting", "{{model}} waiting"),
                ]),
            .rates("What became of answers", "hadal_generations_total", by: "outcome"),
            .values(
                "Audit trail",
                [("hadal_audit_failing", "cannot be written"), ("hadal_audit_lost_total", "records lost")]),
            Panel(
                title: "Certificates end", kind: .stat, unit: "s",
                queries: [
                    .init(
                        expression: Expression.metric("hadal_certificate_not_after_seconds") + " - time()",
                        legend: "{{use}}")
                ]),
            Panel(
                title: "Disks used", unit: "percentunit",
                queries: [
                    .init(
                        expression: "1 - " + Expression.metric("hadal_disk_free_bytes") + " / "
                            + Expression.metric("hadal_disk_bytes"), legend: "{{use}}")
                ]),
            .values("Memory of the gateway", [("process_resident_memory_bytes", "{{instance}}")], unit: "bytes"),
            Panel(
                title: "Processor of the gateway", unit: "short",
                queries: [
                    .init(
                        expression: "rate(\(Expression.metric("process_cpu_seconds_total"))[$__rate_interval])",
                        legend: "{{instance}} cores")
                ]),
            .values("GPUs that answer", [("hadal_gpu_ready", "{{gpu}} {{name}}")], kind: .stat),
            .values(
                "GPU use", [("hadal_gpu_use_ratio", "{{gpu}}"), ("hadal_gpu_memory_use_ratio", "{{gpu}} memory")],
                unit: "percentunit", help: "The part of the time in which it computed, or its memory was busy."),
            Panel(
                title: "GPU memory used", unit: "percentunit",
                queries: [("hadal_gpu", "{{gpu}}"), ("hadal_gpu_slice", "{{gpu}} {{uuid}}")].map { name, legend in
                    .init(
                        expression: Expression.metric(name + "_memory_used_bytes") + " / "
                            + Expression.metric(name + "_memory_bytes"), legend: legend)
                }),
            .values("GPU temperature", [("hadal_gpu_temperature_celsius", "{{gpu}}")], unit: "celsius"),
            .values(
                "GPU power", [("hadal_gpu_power_watts", "{{gpu}}"), ("hadal_gpu_power_limit_watts", "{{gpu}} limit")],
                unit: "watt"),
            Panel(
                title: "GPUs that are slowed down", unit: "short",
                queries: [
                    .init(expression: Expression.metric("hadal_gpu_slowed") + " > 0", legend: "{{gpu}} {{reason}}")
                ]),
        ])

    /// How fast each model is, and what it is busy with.
    static let models = Dashboard(
        name: "models", title: "models",
        panels: [
            .percentiles("Time to first token", "hadal_time_to_first_token_seconds", by: "model"),
            .percentiles("Between tokens", "hadal_inter_token_seconds", by: "model"),
            .percentiles("Whole answer", "hadal_generation_seconds", by: "model"),
            .percentiles("Waiting in the queue", "hadal_queue_seconds", by: "model"),
            .percentiles("Prefill", "hadal_prefill_seconds", by: "model"),
            .percentiles("Decode", "hadal_decode_seconds", by: "model"),
            .rates("Tokens written", "hadal_engine_generated_tokens_total", by: "model"),
            Panel(
                title: "Prompt tokens", unit: "short",
                queries: [
                    .init(
                        expression: Expression.rate("hadal_engine_prompt_tokens_total", by: "model"),
                        legend: "{{model}} computed"),
                    .init(
                        expression: Expression.rate("hadal_engine_cached_tokens_total", by: "model"),
                        legend: "{{model}} found"),
                ]),
            Panel(
                title: "Prompt tokens found in the cache", unit: "percentunit",
                queries: [
                    .init(
                        expression: Expression.rate("hadal_engine_cached_tokens_total", by: "model") + " / ("
                            + Expression.rate("hadal_engine_cached_tokens_total", by: "model") + " + "
                            + Expression.rate("hadal_engine_prompt_tokens_total", by: "model") + ")",
                        legend: "{{model}}")
                ]),
            Panel(
                title: "Tokens in a step", unit: "short",
                queries: [
                    .init(
                        expression: Expression.rate("hadal_engine_step_tokens_total", by: "model") + " / "
                            + Expression.rate("hadal_engine_steps_total", by: "model"), legend: "{{model}}")
                ], help: "How large a batch is."),
            Panel(
                title: "Memory bandwidth used by weights", unit: "Bps",
                queries: [
                    .init(
                        expression: Expression.rate("hadal_engine_weight_bytes_total", by: "model") + " / "
                            + Expression.rate("hadal_engine_busy_seconds_total", by: "model"), legend: "{{model}}")
                ], help: "While a step is computed; hadal doctor measures the limit."),
            .values("Key-value cache in use", [("hadal_engine_cache_usage_ratio", "{{model}}")], unit: "percentunit"),
            Panel(
                title: "Guesses that were right", unit: "percentunit",
                queries: [
                    .init(
                        expression: Expression.rate("hadal_engine_accepted_tokens_total", by: "model") + " / "
                            + Expression.rate("hadal_engine_drafted_tokens_total", by: "model"), legend: "{{model}}")
                ]),
            .rates("Answers that made room", "hadal_engine_preemptions_total", by: "model"),
            .percentiles("Tokens of prompts", "hadal_prompt_tokens", by: "model", unit: "short"),
            .percentiles("Tokens of answers", "hadal_answer_tokens", by: "model", unit: "short"),
            .rates("What ended answers", "hadal_finished_total", by: "model, finished_reason"),
            .rates("Refused and expired", "hadal_engine_refused_total", by: "model"),
        ])

    /// Who asks how much, and what is done about contents.
    static let tenants = Dashboard(
        name: "tenants", title: "tenants",
        panels: [
            .rates("Requests", "hadal_http_requests_total", by: "tenant", unit: "reqps"),
            .rates("Tokens", "hadal_tokens_total", by: "tenant, kind", "kind=~\"prompt|completion\""),
            .rates("Answers by outcome", "hadal_generations_total", by: "tenant, outcome"),
            .rates("Refused by limits", "hadal_limit_refusals_total", by: "tenant, limit"),
            .rates(
                "Verdicts on contents", "hadal_content_verdicts_total", by: "tenant, step, action", "action!=\"pass\""),
            .rates("Personal data found", "hadal_personal_data_total", by: "tenant, kind"),
            .rates("Answers from the cache", "hadal_answer_cache_total", by: "tenant, result"),
            .rates("Embeddings", "hadal_embeddings_total", by: "tenant, outcome"),
            .percentiles("Inspection of prompts", "hadal_content_seconds", by: "step"),
        ])

    /// The processes that compute.
    static let workers = Dashboard(
        name: "workers", title: "workers",
        panels: [
            .values("Ready", [("hadal_worker_ready", "{{model}}")], kind: .stat),
            Panel(
                title: "Restarts", unit: "short",
                queries: [
                    .init(
                        expression: Expression.increase("hadal_worker_restarts_total", by: "model"), legend: "{{model}}"
                    )
                ]),
            .values(
                "Memory",
                [("hadal_worker_memory_bytes", "{{model}}"), ("hadal_worker_memory_limit_bytes", "{{model}} limit")],
                unit: "bytes"),
            .rates("Processor", "hadal_worker_cpu_seconds_total", by: "model", help: "Cores."),
            .values("Seconds to load", [("hadal_worker_load_seconds", "{{model}}")], unit: "s"),
            Panel(
                title: "Last crash", kind: .stat, unit: "dateTimeFromNow",
                queries: [
                    .init(
                        expression: Expression.metric("hadal_worker_last_crash_seconds") + " * 1000 > 0",
                        legend: "{{model}}")
                ]),
            .rates("Workers that ended under an answer", "hadal_generation_crashes_total", by: "model"),
            Panel(
                title: "Busy", unit: "percentunit",
                queries: [
                    .init(
                        expression: Expression.rate("hadal_engine_busy_seconds_total", by: "model"), legend: "{{model}}"
                    )
                ],
                help: "The part of the time in which a step is computed."),
            .values("Prefix blocks on disk", [("hadal_engine_stored_blocks", "{{model}}")]),
        ])

    /// Versions that take each other's place.
    static let releases = Dashboard(
        name: "releases", title: "releases",
        panels: [
            .values(
                "Share of the requests", [("hadal_release_share_ratio", "{{deployment}}@{{version}}")],
                unit: "percentunit"),
            .rates("Answers by outcome", "hadal_generations_total", by: "model, outcome", "model=~\".+@.+\""),
            .percentiles("Time to first token", "hadal_time_to_first_token_seconds", by: "model"),
            .percentiles("Between tokens", "hadal_inter_token_seconds", by: "model"),
            .rates("Tokens", "hadal_tokens_total", by: "model, kind", "kind=\"completion\""),
            .rates("Verdicts on contents", "hadal_content_verdicts_total", by: "step, action", "action!=\"pass\""),
        ])
}
