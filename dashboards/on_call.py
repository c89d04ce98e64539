"""What burns now, since when and where; for somebody who was just woken up."""

import streamlit as st
from parts import state

look = state.look()
st.title("On call")
