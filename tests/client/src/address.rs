use std::rc::Rc;

use serde::Deserialize;
use topsail::prelude::*;
use worker::WebSocket;

use crate::remote::Api;

/// Where a server is, and how to call it.
#[derive(Deserialize)]
pub(crate) struct Address {
    kind: Kind,
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// One HTTP batch.
    Batch,
    /// A WebSocket, opened by its address.
    Websocket,
    /// A WebSocket, opened by the application.
    Fetched,
    /// A WebSocket, opened and accepted by the application.
    Accepted,
}

impl Address {
    pub(crate) async fn open(self) -> Result<RpcStub<dyn Api>, RpcError> {
        self.open_with(None, RpcSessionOptions::default()).await
    }

    pub(crate) async fn open_with(
        self,
        main: Option<Rc<dyn RpcTarget>>,
        options: RpcSessionOptions,
    ) -> Result<RpcStub<dyn Api>, RpcError> {
        Ok(match self.kind {
            Kind::Batch => new_http_batch_rpc_session(self.url, options),
            Kind::Websocket => new_websocket_rpc_session(self.url, main, options),
            Kind::Fetched => new_websocket_rpc_session(self.fetch().await?, main, options),
            Kind::Accepted => {
                let socket = self.fetch().await?;
                socket.accept()?;
                new_websocket_rpc_session(socket, main, options)
            }
        })
    }

    async fn fetch(&self) -> Result<WebSocket, RpcError> {
        Ok(WebSocket::connect(self.url.parse()?).await?)
    }
}
