"""The login app in Streamlit with streamlit-authenticator, as its README shows: `streamlit run main.py`."""

import os
from pathlib import Path

import requests
import streamlit as st
import streamlit_authenticator as stauth
import yaml

API, TOKEN = os.environ["BENCH_API"], os.environ["BENCH_TOKEN"]
config = yaml.safe_load(Path(__file__).with_name("config.yaml").read_text())

authenticator = stauth.Authenticate(
    config["credentials"],
    config["cookie"]["name"],
    config["cookie"]["key"],
    config["cookie"]["expiry_days"],
    auto_hash=False,
    login_sleep_time=float(os.environ.get("BENCH_LOGIN_WAIT", stauth.params.PRE_LOGIN_SLEEP_TIME)),
)
authenticator.login()

if st.session_state.get("authentication_status"):
    answer = requests.get(f"{API}/rows", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)
    st.write(f"Signed in as {st.session_state['name']}")
    if os.environ.get("BENCH_ST") == "table":
        st.table(answer.json())
    else:
        st.dataframe(answer.json())
    authenticator.logout()
else:
    if st.session_state.get("authentication_status") is False:
        st.error("Username/password is incorrect")
    if st.checkbox("I forgot my password"):
        st.write("Ask the help desk for a new one.")
