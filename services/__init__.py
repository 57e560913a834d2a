"""All that Flightdeck can do, without a screen: functions over AWS clients, frozen dataclasses out.

A notebook can use it as the pages do::

    cloud = Cloud(account, "ap-northeast-2")
    for row in notebooks.list_notebooks(cloud):
        print(row.name, row.status)
"""
