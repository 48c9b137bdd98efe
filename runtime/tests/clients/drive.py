"""analytics-python, unchanged, against a daemon. Arguments: host, write key, `gzip` or `plain`."""
import sys
from datetime import datetime, timezone

from segment.analytics.client import Client

host, key, how = sys.argv[1:4]
who = f"python-{how}"
errors = []
client = Client(key, host=host, gzip=how == "gzip", on_error=lambda error, items: errors.append(str(error)), upload_interval=0.1)
client.identify(user_id=who, traits={"name": "Python", "email": f"{who}@example.com"})
client.track(user_id=who, event="purchase", properties={"order_id": f"o-{who}", "total": 10000, "category": "홍삼"})
client.page(user_id=who, name="Home")
client.screen(user_id=who, name="Home")
client.group(user_id=who, group_id="team")
client.alias(previous_id=f"device-{who}", user_id=who)
client.identify(user_id=4242, traits={"name": "Number"}, timestamp=datetime.now(timezone.utc))
client.flush()
client.join()
print("errors:", errors)
sys.exit(1 if errors else 0)
