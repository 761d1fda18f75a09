import { Button } from "./Button";
import { ClassFinder } from "./ClassFinder";
import { SearchIcon } from "./icons";
import { usePopover } from "./popover";

interface FinderButtonProps {
	label: string;
	disabled: boolean;
	choose: (index: number) => void;
}

/** Opens the box that finds any class. */
export function FinderButton({ label, disabled, choose }: FinderButtonProps) {
	const { box, open, close, toggle } = usePopover();
	return (
		<div class="sw-popover-anchor" ref={box}>
			<Button class="sw-icon-button" label={label} expanded={open} disabled={disabled} act={toggle}>
				<SearchIcon />
			</Button>
			{open && <ClassFinder choose={choose} close={close} />}
		</div>
	);
}
