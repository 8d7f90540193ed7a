//! The Lambda binary of `/v1/me`.

fn main() -> std::process::ExitCode {
    api::serve(Some(&domain::catalogue::ME), me::routes())
}
