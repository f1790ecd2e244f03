window.recount={}
