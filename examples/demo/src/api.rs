use std::time::Duration;

use topsail::prelude::*;
use worker::Delay;

use crate::error::DemoError;
use crate::users::{User, UserProfile, user_of, user_with_token};

/// What anyone may call.
pub(crate) struct PublicApi;

#[rpc_target]
impl PublicApi {
    /// Gives the API of the user to whom the token belongs: whoever holds it is logged in.
    pub fn authenticate(&self, api_token: &str) -> Result<AuthedApi, DemoError> {
        Ok(AuthedApi { user: user_with_token(api_token)? })
    }

    /// A user's public profile.
    pub fn get_user_profile(&self, id: &str) -> Result<UserProfile, DemoError> {
        Ok(user_of(id)?.profile())
    }
}

/// What a user may call. There is no other way to one than [`PublicApi::authenticate`].
pub(crate) struct AuthedApi {
    user: &'static User,
}

#[rpc_target]
impl AuthedApi {
    /// The user's own id.
    pub fn get_user_id(&self) -> &'static str {
        self.user.id
    }

    /// The ids of the user's friends.
    pub fn get_friend_ids(&self) -> &'static [&'static str] {
        self.user.friends
    }

    /// Calls a function of the client with `from`, and then each lower number to 0.
    pub async fn countdown(
        &self,
        from: u32,
        callback: RpcStub<dyn OnTick>,
    ) -> Result<(), DemoError> {
        for left in (0..=from).rev() {
            callback.tick(left, self.user.name).await?;
            Delay::from(Duration::from_millis(200)).await;
        }
        Ok(())
    }
}

/// The function of a client that is told how far a countdown is.
#[rpc_interface]
pub trait OnTick {
    #[rpc(call)]
    fn tick(&self, left: u32, name: String);
}
