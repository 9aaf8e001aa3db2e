use topsail::{RpcError, RpcStub};

async fn notify(listener: RpcStub) -> Result<(), RpcError> {
    listener.invoke(("hello",)).await?;
    Ok(())
}

fn main() {}
