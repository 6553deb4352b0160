/// The labels of each metric that the gateway tells (docs/metrics.md; a test compares them), so that a rule which could
/// never fire, or whose action could never be carried out, is refused.
enum MetricLabels {
    private static let counters: [(labels: [String], names: String)] = [
        (["route", "tenant", "status"], "hadal_http_requests_total"),
        (
            [],
            """
            hadal_requests_in_progress hadal_audit_records hadal_audit_failing hadal_audit_lost_total
            hadal_backup_safe_until_seconds hadal_backup_failures_total hadal_store_verified_until_seconds
            hadal_store_damaged_files hadal_store_replicas_verified_until_seconds hadal_store_replicas_damaged_files
            hadal_store_replicas_away hadal_store_replicas_short_models process_resident_memory_bytes process_cpu_seconds_total
            process_start_time_seconds process_open_fds
            """
        ),
        (["tenant", "model", "outcome"], "hadal_generations_total hadal_embeddings_total"),
        (["tenant", "model"], "hadal_generation_crashes_total hadal_shed_requests_total"),
        (["tenant", "model", "kind"], "hadal_tokens_total"),
        (
            ["model"],
            """
            hadal_worker_ready hadal_worker_restarts_total hadal_worker_memory_bytes hadal_worker_memory_limit_bytes
            hadal_worker_cpu_seconds_total hadal_worker_load_seconds hadal_worker_last_crash_seconds
            hadal_engine_sequences_running hadal_engine_sequences_waiting hadal_engine_start_interval_seconds
            hadal_engine_cache_blocks_used hadal_engine_cache_blocks_kept hadal_engine_cache_blocks_free
            hadal_engine_cache_block_bytes hadal_engine_prompt_tokens_total hadal_engine_cached_tokens_total
            hadal_engine_recomputed_tokens_total hadal_engine_generated_tokens_total
            hadal_engine_drafted_tokens_total hadal_engine_accepted_tokens_total hadal_engine_preemptions_total
            hadal_engine_refused_total hadal_engine_expired_total hadal_engine_evictions_total
            hadal_engine_stored_blocks hadal_engine_stored_blocks_max hadal_engine_stored_blocks_written_total
            hadal_engine_stored_blocks_read_total hadal_engine_stored_blocks_dropped_total
            hadal_engine_stored_blocks_damaged_total hadal_engine_cache_usage_ratio hadal_engine_steps_total
            hadal_engine_step_tokens_total hadal_engine_busy_seconds_total hadal_engine_weight_bytes_total
            hadal_engine_operations_total
            """
        ),
        (["model", "finished_reason"], "hadal_finished_total"),
        (["tenant", "step", "action"], "hadal_content_verdicts_total"),
        (["tenant", "direction", "kind"], "hadal_personal_data_total"),
        (["tenant", "result"], "hadal_answer_cache_total"),
        (["use"], "hadal_certificate_not_after_seconds hadal_disk_free_bytes hadal_disk_bytes"),
        (["tenant", "limit"], "hadal_limit_refusals_total"),
        (["action", "outcome"], "hadal_alert_actions_total"),
        (["deployment", "version"], "hadal_release_share_ratio"),
        (
            ["gpu", "uuid", "name"],
            """
            hadal_gpu_ready hadal_gpu_use_ratio hadal_gpu_memory_use_ratio hadal_gpu_memory_used_bytes
            hadal_gpu_memory_bytes hadal_gpu_temperature_celsius hadal_gpu_power_watts hadal_gpu_power_limit_watts
            hadal_gpu_slice_memory_used_bytes hadal_gpu_slice_memory_bytes
            """
        ),
        (["gpu", "uuid", "name", "clock"], "hadal_gpu_clock_hertz"),
        (["gpu", "uuid", "name", "reason"], "hadal_gpu_slowed"),
        (["gpu", "uuid", "name", "direction"], "hadal_gpu_pcie_bytes_per_second"),
        (["gpu", "uuid", "name", "kind"], "hadal_gpu_memory_errors_total"),
        (["version"], "hadal_build_info"),
    ]

    private static let histograms: [(labels: [String], names: String)] = [
        (["route"], "hadal_http_request_seconds"),
        (
            ["model"],
            """
            hadal_time_to_first_token_seconds hadal_inter_token_seconds hadal_generation_seconds hadal_queue_seconds
            hadal_prefill_seconds hadal_decode_seconds hadal_prompt_tokens hadal_answer_tokens
            """
        ),
        (["step"], "hadal_content_seconds"),
    ]

    /// By the names that stand in a scrape.
    static let all: [String: Set<String>] = {
        var all: [String: Set<String>] = [:]
        for (labels, names) in counters {
            for name in names.split(whereSeparator: \.isWhitespace) { all[String(name)] = Set(labels) }
        }
        for (labels, names) in histograms {
            for name in names.split(whereSeparator: \.isWhitespace) {
                all["\(name)_bucket"] = Set(labels + ["le"])
                for suffix in ["_sum", "_count"] { all["\(name)\(suffix)"] = Set(labels) }
            }
        }
        return all
    }()
}
