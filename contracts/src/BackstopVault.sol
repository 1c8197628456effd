// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IBackstopVault} from "./interfaces/IBackstopVault.sol";

/// @title Lenders' float for one debt token: fronts the repay of remote orders, so that the lender is solvent at once.
/// @notice Deposits are ERC-4626 with virtual shares. Assets are counted, never read from a balance, so a donation moves
/// nothing: idle + receivables (fronted, not yet proven paid) + away (proven paid on a pay chain, not yet home).
/// @dev Redemption is requested and delayed by the longest life of an order; until that exists here, `maxWithdraw` and
/// `maxRedeem` are zero, so that nobody can leave ahead of a loss.
contract BackstopVault is IBackstopVault, ERC4626, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice The escrow that borrows; set once.
    address public escrow;
    /// @notice Asset units in the vault and not lent.
    uint256 public idle;
    /// @notice Asset units fronted for open orders.
    uint256 public receivables;
    /// @notice Sum of `away` over all domains.
    uint256 public totalAway;
    /// @notice Asset units proven paid on a domain and not yet home.
    mapping(uint32 domain => uint256) public away;
    /// @notice Asset units fronted for a market's open orders.
    mapping(bytes32 market => uint256) public openPrincipal;

    event EscrowSet(address indexed escrow);
    event Fronted(bytes32 indexed market, uint256 repay, uint256 keeperFee);
    event GivenBack(bytes32 indexed market, uint256 amount);
    event SettledFromAway(bytes32 indexed market, uint32 indexed payDomain, uint256 principal, uint256 fee);
    event BroughtHome(uint32 indexed payDomain, address indexed from, uint256 amount);

    error OnlyEscrow();
    error EscrowAlreadySet();
    error ZeroAddress();
    error ZeroAmount();
    error InsufficientIdle(uint256 idle, uint256 needed);
    error PrincipalCapExceeded(uint256 cap, uint256 wouldBe);
    error NotAway(uint256 away, uint256 amount);
    error UnexpectedAmount(uint256 received, uint256 expected);

    modifier onlyEscrow() {
        if (msg.sender != escrow) revert OnlyEscrow();
        _;
    }

    constructor(IERC20 asset_, string memory name_, string memory symbol_, address authority)
        ERC4626(asset_)
        ERC20(name_, symbol_)
        AccessManaged(authority)
    {}

    /// @notice Names the escrow that may borrow. Restricted, once.
    function setEscrow(address escrow_) external restricted {
        if (escrow_ == address(0)) revert ZeroAddress();
        if (escrow != address(0)) revert EscrowAlreadySet();
        escrow = escrow_;
        emit EscrowSet(escrow_);
    }

    /// @notice Fronts an order: `repay` to the adapter, `keeperFee` to the lander. Escrow only.
    /// @param cap Most open principal of the market, asset units.
    function front(bytes32 market, uint256 cap, address adapter, uint256 repay, address lander, uint256 keeperFee)
        external
        onlyEscrow
    {
        uint256 principal = repay + keeperFee;
        if (idle < principal) revert InsufficientIdle(idle, principal);
        uint256 open = openPrincipal[market] + principal;
        if (open > cap) revert PrincipalCapExceeded(cap, open);
        idle -= principal;
        receivables += principal;
        openPrincipal[market] = open;
        IERC20 token = IERC20(asset());
        token.safeTransfer(adapter, repay);
        if (keeperFee != 0) token.safeTransfer(lander, keeperFee);
        emit Fronted(market, repay, keeperFee);
    }

    /// @notice Takes back what the lending protocol did not need; the escrow has transferred it already. Escrow only.
    function giveBack(bytes32 market, uint256 amount) external onlyEscrow {
        idle += amount;
        receivables -= amount;
        openPrincipal[market] -= amount;
        emit GivenBack(market, amount);
    }

    /// @notice Books an order as paid: principal and fee now lie on the pay chain. Escrow only.
    function settle(bytes32 market, uint256 principal, uint256 fee, uint32 payDomain) external onlyEscrow {
        receivables -= principal;
        openPrincipal[market] -= principal;
        away[payDomain] += principal + fee;
        totalAway += principal + fee;
        emit SettledFromAway(market, payDomain, principal, fee);
    }

    /// @notice Brings money that lies away back to the float; anyone may deliver it, never more than is away.
    function bringHome(uint32 payDomain, uint256 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        if (away[payDomain] < amount) revert NotAway(away[payDomain], amount);
        away[payDomain] -= amount;
        totalAway -= amount;
        idle += amount;
        _pullExactly(msg.sender, amount);
        emit BroughtHome(payDomain, msg.sender, amount);
    }

    /// @notice Idle, lent and away assets, in asset units.
    function totalAssets() public view override returns (uint256) {
        return idle + receivables + totalAway;
    }

    function lendable() external view returns (uint256) {
        return idle;
    }

    function openLot(bytes32, bytes32, uint256, uint256, uint64) external onlyEscrow {}
    function settleLot(bytes32, bytes32, uint256, uint32) external onlyEscrow {}
    function sellLot(bytes32, bytes32, uint256) external onlyEscrow returns (uint256) {}
    function absorbForfeit(bytes32, bytes32, uint256) external onlyEscrow {}
    function reimburse(uint32, address, uint256) external onlyEscrow {}

    /// @notice Zero: redemption is not open.
    function maxWithdraw(address) public pure override returns (uint256) {
        return 0;
    }

    /// @notice Zero: redemption is not open.
    function maxRedeem(address) public pure override returns (uint256) {
        return 0;
    }

    function asset() public view override(ERC4626, IBackstopVault) returns (address) {
        return super.asset();
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override nonReentrant {
        if (assets == 0) revert ZeroAmount();
        idle += assets;
        _pullExactly(caller, assets);
        _mint(receiver, shares);
        emit Deposit(caller, receiver, assets, shares);
    }

    /// @dev Six more digits on shares make the first-depositor attack cost a millionfold of what it steals.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }

    function _pullExactly(address from, uint256 amount) private {
        IERC20 token = IERC20(asset());
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert UnexpectedAmount(received, amount);
    }
}
