def load(ctx): return False
def list_log_ins(): return []
