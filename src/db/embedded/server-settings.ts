/**
 * PostgreSQL's settings, given on its command line, so that they are this version's and not those of the version that made the cluster.
 * Meant for two cores and little memory that SIP and RTP need as well.
 */
export function serverSettings(how: { port: number; isDurable: boolean }): Record<string, string> {
  return {
    port: String(how.port),
    listen_addresses: '127.0.0.1',
    // No socket files: the folder for them would be one more that has to be reachable.
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '256MB',
    max_wal_size: '4GB',
    checkpoint_completion_target: '0.9',
    effective_cache_size: '1GB',
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    random_page_cost: '1.1',
    // Compiling costs more than our short queries, and parallel workers would take the cores that RTP needs.
    jit: 'off',
    max_parallel_workers_per_gather: '0',
    // Notices a dead client whose machine is gone.
    tcp_keepalives_idle: '60',
    log_line_prefix: '%m [%p] ',
    log_checkpoints: 'off',
    timezone: 'UTC',
    ...(how.isDurable
      ? { fsync: 'on', synchronous_commit: 'on' }
      : {
          fsync: 'off',
          synchronous_commit: 'off',
          full_page_writes: 'off',
          shared_buffers: '128MB',
          autovacuum: 'off',
        }),
  };
}
